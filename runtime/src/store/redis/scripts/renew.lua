-- fence, ttl
if not held(ARGV[1]) then
    return 1
end
redis.call('HSET', KEYS[1], 'lease_until', text(now() + tonumber(ARGV[2])))
return 0
