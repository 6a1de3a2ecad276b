-- fence, member, due
if not held(ARGV[1]) then
    return 1
end
redis.call('ZADD', KEYS[2], 'XX', ARGV[3], ARGV[2])
return 0
