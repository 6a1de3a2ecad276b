-- record, due, member
keep(ARGV[1], ARGV[2], ARGV[3])
redis.call('HDEL', KEYS[1], 'committed_by')
return redis.call('HINCRBY', KEYS[1], 'generation', 1)
