-- owner, ttl, id; gives the fence, or 0 and what is left of another's lease, or nothing where there is no such grant
if not get('generation') then
    return false
end
local moment = now()
local ends = get('lease_until')
if ends and tonumber(ends) > moment then
    return {0, tonumber(ends) - moment}
end
local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)
redis.call('HSET', KEYS[1], 'lease_until', text(moment + tonumber(ARGV[2])), 'lease_owner', ARGV[1], 'lease_id', ARGV[3])
return {fence, 0}
