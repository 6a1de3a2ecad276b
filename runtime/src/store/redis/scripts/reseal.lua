-- the record as it was read, and the same sealed anew
if get('record') ~= ARGV[1] then
    return false
end
redis.call('HSET', KEYS[1], 'record', ARGV[2])
return 1
