-- member
redis.call('HDEL', KEYS[1], 'generation', 'record', 'committed_by', 'committed_id', 'takeovers')
redis.call('ZREM', KEYS[2], ARGV[1])
forget_flight()
return 0
