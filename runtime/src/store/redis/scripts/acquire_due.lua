-- The keys of grants are made here, of the prefix: all of them have its hash tag, and are in one slot of a cluster.
-- prefix of grants, until, owner, ttl, how many at most, id; gives members and fences by turns
local moment = now()
local taken = {}
local first = 0
while #taken < 2 * tonumber(ARGV[5]) do
    local page = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', first, 256)
    for _, member in ipairs(page) do
        local grant = ARGV[1] .. member
        -- What is no grant is left alone, be it something else altogether.
        local known = redis.pcall('HMGET', grant, 'generation', 'lease_until')
        if known[1] and not (known[2] and tonumber(known[2]) > moment) then
            local fence = redis.call('HINCRBY', grant, 'fence', 1)
            redis.call('HSET', grant, 'lease_until', text(moment + tonumber(ARGV[4])), 'lease_owner', ARGV[3],
                'lease_id', ARGV[6])
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
