-- Leases.

local function lease(client, ticket, weight, named, fence, since)
  set('running', get('running') + weight)
  local text = cmsgpack.pack({client = client, ticket = ticket, weight = weight, named = named, since = since})
  redis.call('HSET', key('leases'), text_of(fence), text)
  redis.call('SADD', key('h', client), text_of(fence))
end

local function count_start(fence, named, at)
  for _, rate in ipairs(limits.rates) do
    local cost = cost_of(rate, 1, named)
    if cost > 0 and redis.call('ZADD', key('rate', rate.key), at, member(fence, cost)) == 1 then
      set('used:' .. rate.key, get('used:' .. rate.key) + cost)
    end
  end
end

local function start(job)
  remove(job)
  charge_owner(job)
  local fence = math.max(get('fence') + 1, now)
  set('fence', fence)
  set('last', now)
  lease(job.client, job.ticket, job.weight, job.named, fence, now)
  count_start(fence, job.named, now)
  if is_set(limits.reservoir) then
    refill()
    set('amount', get('amount') - cost_of(limits.reservoir, job.weight, job.named))
  end
  if get('cool') > 0 then set('probe', fence) end
  if get('blocked') > 0 and get('blocked') + limits.min_interval <= now then set('blocked', 0) end
  if get('paused') <= now then set('paused', 0) end
  tell(job.client, 'granted', text_of(job.ticket), text_of(fence))
end

local function give_back(fence, well)
  local text = redis.call('HGET', key('leases'), fence)
  if not text then return end
  local held = cmsgpack.unpack(text)
  redis.call('HDEL', key('leases'), fence)
  redis.call('SREM', key('h', held.client), fence)
  set('running', get('running') - held.weight)
  if text_of(get('probe')) == fence then
    set('probe', 0)
    if well then set('cool', 0) end
  end
end

local function recharge(fence, old, new)
  if is_set(limits.reservoir) then
    refill()
    local before = cost_of(limits.reservoir, old[1], old[2])
    set('amount', get('amount') + before - cost_of(limits.reservoir, new[1], new[2]))
  end
  for _, rate in ipairs(limits.rates) do
    local before, after = old[3], new[3]
    if is_set(rate.name) then before, after = cost_of(rate, 0, old[2]), cost_of(rate, 0, new[2]) end
    local name = key('rate', rate.key)
    local at = before ~= after and redis.call('ZSCORE', name, member(fence, before))
    local held = before == 0 and after > 0 and redis.call('HGET', key('leases'), text_of(fence))
    if held then at = cmsgpack.unpack(held).since end
    if at then
      redis.call('ZREM', name, member(fence, before))
      if after > 0 then redis.call('ZADD', name, at, member(fence, after)) end
      set('used:' .. rate.key, get('used:' .. rate.key) + after - before)
    end
  end
end
