-- gives the generation, the record, whether another server has taken over since, for how long the exchange has been in flight
-- (microseconds), and the journal's fields
local fields = redis.call('HMGET', KEYS[1], 'generation', 'record', 'takeovers', 'flight_begun_at', 'flight_generation',
    'flight_fence', 'flight_owner', 'flight_started_at', 'flight_attempt', 'flight_id')
fields[3] = fields[3] and fields[3] ~= takeovers() and '1'
if fields[5] then
    local begun = fields[4] or (fields[8] or 0) * 1000
    fields[4] = text(math.max(now() - begun, 0))
    fields[10] = journaled()
end
return fields
