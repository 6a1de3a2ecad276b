-- where the scan goes on, the pattern of grants, how many to look at; gives where it goes on next, and the keys of grants
local scanned = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
local known = {}
for _, grant in ipairs(scanned[2]) do
    -- A lease alone is no grant.
    if redis.call('TYPE', grant)['ok'] == 'hash' and redis.call('HEXISTS', grant, 'generation') == 1 then
        known[#known + 1] = grant
    end
end
return {scanned[1], known}
