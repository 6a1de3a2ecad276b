-- fence, id, ttl
if not held(ARGV[1], ARGV[2]) then
    return 1
end
redis.call('HSET', KEYS[1], 'lease_until', text(now() + tonumber(ARGV[3])))
return 0
