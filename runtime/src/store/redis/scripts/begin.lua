-- the lease's fence; then the entry's generation, fence, owner, start, attempt, id; the id of the entry that it replaces
if not held(ARGV[1]) then
    return 1
end
local generation = get('generation')
if not generation then
    return 2
elseif generation ~= ARGV[2] then
    return 3
elseif generation == '9223372036854775807' then
    return 4
elseif is_journaled(ARGV[3], ARGV[7]) then
    return 0
elseif (journaled() or '') ~= ARGV[8] then
    return 3
end
redis.call('HSET', KEYS[1], 'flight_generation', ARGV[2], 'flight_fence', ARGV[3], 'flight_owner', ARGV[4],
    'flight_started_at', ARGV[5], 'flight_attempt', ARGV[6], 'flight_id', ARGV[7])
if ARGV[8] == '' then
    redis.call('HSET', KEYS[1], 'flight_begun_at', text(now()))
end
return 0
