-- record, due, member; the generation that is spent, the one after it, the entry's fence
local generation = get('generation')
if not generation then
    return 2
elseif generation == ARGV[5] and get('committed_by') == ARGV[6] then
    return 0
elseif generation ~= ARGV[4] or get('flight_fence') ~= ARGV[6] then
    return 3
end
keep(ARGV[1], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[1], 'generation', ARGV[5], 'committed_by', ARGV[6])
return 0
