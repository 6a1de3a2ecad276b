-- the lease's fence and id; then the entry's generation, fence, owner, start, attempt, id; the id of the entry that it replaces
if not held(ARGV[1], ARGV[2]) then
    return 1
end
local generation = get('generation')
if not generation then
    return 2
elseif generation ~= ARGV[3] then
    return 3
elseif generation == '9223372036854775807' then
    return 4
elseif is_journaled(ARGV[4], ARGV[8]) then
    return 0
elseif (journaled() or '') ~= ARGV[9] then
    return 3
end
redis.call('HSET', KEYS[1], 'flight_generation', ARGV[3], 'flight_fence', ARGV[4], 'flight_owner', ARGV[5],
    'flight_started_at', ARGV[6], 'flight_attempt', ARGV[7], 'flight_id', ARGV[8])
if ARGV[9] == '' then
    redis.call('HSET', KEYS[1], 'flight_begun_at', text(now()))
end
return 0
