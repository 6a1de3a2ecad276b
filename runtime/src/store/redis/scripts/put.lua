-- record, due, member
-- First, since it fails where there is no next generation: what a script has written by then stays.
redis.call('HINCRBY', KEYS[1], 'generation', 1)
keep(ARGV[1], ARGV[2], ARGV[3])
redis.call('HDEL', KEYS[1], 'committed_by', 'committed_id')
return get('generation')
