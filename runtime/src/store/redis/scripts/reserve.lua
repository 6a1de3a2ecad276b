-- the key of the rate, the time between two exchanges, the slack; gives how long to wait
local moment = now()
local every, slack = tonumber(ARGV[2]), tonumber(ARGV[3])
local begins = math.max(tonumber(redis.call('GET', ARGV[1]) or '0'), moment - slack)
-- It says nothing any more once the slack is over.
local over = begins + every + slack - moment
redis.call('SET', ARGV[1], text(begins + every), 'PX', text(math.ceil(over / 1000) + 1000))
return text(math.max(begins - moment, 0))
