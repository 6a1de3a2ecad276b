-- the lease's fence; then the entry's generation, fence, owner, start, attempt
if not held(ARGV[1]) then
    return 1
end
local generation = get('generation')
if not generation then
    return 2
elseif generation ~= ARGV[2] then
    return 3
end
redis.call('HSET', KEYS[1], 'flight_generation', ARGV[2], 'flight_fence', ARGV[3], 'flight_owner', ARGV[4],
    'flight_started_at', ARGV[5], 'flight_attempt', ARGV[6])
return 0
