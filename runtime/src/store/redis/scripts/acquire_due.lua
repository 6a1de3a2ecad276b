-- The keys of grants are made here, of the prefix: all of them have its hash tag, and are in one slot of a cluster.
-- prefix of grants, until, owner, ttl, how many at most; gives members and fences by turns
local moment = now()
local taken = {}
local first = 0
while #taken < 2 * tonumber(ARGV[5]) do
    local page = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', first, 256)
    for _, member in ipairs(page) do
        local grant = ARGV[1] .. member
        local ends = redis.call('HGET', grant, 'lease_until')
        -- What is no grant is left alone.
        if not (ends and tonumber(ends) > moment) and redis.call('HEXISTS', grant, 'generation') == 1 then
            local fence = redis.call('HINCRBY', grant, 'fence', 1)
            redis.call('HSET', grant, 'lease_until', text(moment + tonumber(ARGV[4])), 'lease_owner', ARGV[3])
            taken[#taken + 1] = member
            taken[#taken + 1] = text(fence)
            if #taken == 2 * tonumber(ARGV[5]) then
                return taken
            end
        end
    end
    if #page < 256 then
        return taken
    end
    first = first + 256
end
return taken
