-- fence
if get('fence') == ARGV[1] then
    redis.call('HDEL', KEYS[1], 'lease_until', 'lease_owner')
end
return 0
