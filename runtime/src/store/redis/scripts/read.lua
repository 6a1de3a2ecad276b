-- gives the generation, the record, for how long the exchange has been in flight (microseconds), and the journal's fields
local fields = redis.call('HMGET', KEYS[1], 'generation', 'record', 'flight_begun_at', 'flight_generation', 'flight_fence',
    'flight_owner', 'flight_started_at', 'flight_attempt', 'flight_id')
if fields[4] then
    local begun = fields[3] or (fields[7] or 0) * 1000
    fields[3] = text(math.max(now() - begun, 0))
    fields[9] = journaled()
end
return fields
