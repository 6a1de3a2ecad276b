-- record, due, member
if not get('generation') then
    redis.call('HSET', KEYS[1], 'generation', 1)
    keep(ARGV[1], ARGV[2], ARGV[3])
end
return 0
