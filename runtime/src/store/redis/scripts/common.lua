-- Before every script. KEYS[1] is the grant's hash, KEYS[2] the set of what is due, KEYS[3] what is known about takeovers.
-- Numbers are compared as the texts that they are: a Lua number is exact up to 2^53 only.

local function text(number)
    return string.format('%.0f', number)
end

-- Microseconds since 1970, by the server's clock.
local function now()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local function get(field)
    return redis.call('HGET', KEYS[1], field)
end

-- Whether this lease was the last, and is not given back. A version without ids forgets none: an id counts beside its fence.
local function is_last(fence, id)
    return get('lease_until') and get('fence') == fence and get('lease_id') == id
end

-- Whether this lease is held, and not over.
local function held(fence, id)
    return is_last(fence, id) and tonumber(get('lease_until')) > now()
end

-- The id of the entry in the journal; false where there is none. Where a version without ids has written it, its fence.
local function journaled()
    local fence = get('flight_fence')
    return fence and (get('flight_id') or string.rep('0', 32 - #fence) .. fence)
end

-- Whether an entry is the one in the journal. A version without ids forgets none: an id counts beside the fence that it came with.
local function is_journaled(fence, id)
    return get('flight_fence') == fence and get('flight_id') == id
end

local function forget_flight()
    redis.call('HDEL', KEYS[1], 'flight_generation', 'flight_fence', 'flight_owner', 'flight_started_at', 'flight_attempt',
        'flight_id', 'flight_begun_at')
end

-- How often a replica has taken over, this time included. A promoted replica knows its former primary's replication id, and to
-- where it had followed it; a primary that restarts does not.
local function takeovers()
    local told = redis.call('INFO', 'replication')
    local id, offset = string.match(told, 'master_replid2:(%x+)'), string.match(told, 'second_repl_offset:(%d+)')
    local count = redis.call('HGET', KEYS[3], 'count') or '0'
    if id and offset and redis.call('HGET', KEYS[3], 'last') ~= id .. ':' .. offset then
        count = text(count + 1)
        redis.call('HSET', KEYS[3], 'count', count, 'last', id .. ':' .. offset)
    end
    return count
end

local function keep(record, due, member)
    redis.call('HSET', KEYS[1], 'record', record, 'takeovers', takeovers())
    if due == '' then
        redis.call('ZREM', KEYS[2], member)
    else
        redis.call('ZADD', KEYS[2], due, member)
    end
    forget_flight()
end
