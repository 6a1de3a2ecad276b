-- the key of the rate, the time between two exchanges, the slack, by how much the clock must differ to have been put back; gives how long
-- to wait. Kept are when the next exchange may begin and when the last one was reserved.
local moment = now()
local every, slack, put_back = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local after, at = string.match(redis.call('GET', ARGV[1]) or '', '^(%d+) (%d+)$')
after, at = tonumber(after or 0), tonumber(at or 0)
if at > moment + put_back then
    after = moment + math.max(after - at, 0)
end
local begins = math.max(after, moment - slack)
-- It says nothing any more once the slack is over.
local over = begins + every + slack - moment
local kept = text(begins + every) .. ' ' .. text(moment)
redis.call('SET', ARGV[1], kept, 'PX', text(math.ceil(over / 1000) + 1000))
return text(math.max(begins - moment, 0))
