-- fence, id
if is_last(ARGV[1], ARGV[2]) then
    redis.call('HDEL', KEYS[1], 'lease_until', 'lease_owner', 'lease_id')
end
return 0
