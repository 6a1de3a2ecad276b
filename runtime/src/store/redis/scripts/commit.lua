-- record, due, member; the generation that is spent, the one after it, the entry's fence and id
local generation = get('generation')
if not generation then
    return 2
elseif generation == ARGV[5] and get('committed_by') == ARGV[6] and get('committed_id') == ARGV[7] then
    return 0
elseif generation ~= ARGV[4] or not is_journaled(ARGV[6], ARGV[7]) then
    return 3
end
keep(ARGV[1], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[1], 'generation', ARGV[5], 'committed_by', ARGV[6], 'committed_id', ARGV[7])
return 0
