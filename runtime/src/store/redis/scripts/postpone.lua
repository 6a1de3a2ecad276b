-- fence, id, member, due
if not held(ARGV[1], ARGV[2]) then
    return 1
end
redis.call('ZADD', KEYS[2], 'XX', ARGV[4], ARGV[3])
return 0
