-- Leases. Those that are given are written down at the end, and those that are given back are looked
-- up before and forgotten at the end, all at once.

local given_now, looked_up, back = {}, {}, {}

-- What is kept of a lease is its weight and since when it is held: in one exchange mostly the same.
local texts = {}
local function lease_text(weight, since)
  if since ~= now then return cmsgpack.pack(weight, since) end
  local text = texts[weight]
  if not text then
    text = cmsgpack.pack(weight, since)
    texts[weight] = text
  end
  return text
end

local weights = {}
local function weight_in(text)
  local weight = weights[text]
  if not weight then
    weight = cmsgpack.unpack(text)
    weights[text] = weight
  end
  return weight
end

local function lease(client, weight, fence, since)
  set('running', get('running') + weight)
  local text = lease_text(weight, since)
  local list = given_now[client]
  if not list then
    list = {}
    given_now[client] = list
  end
  local n = #list
  list[n + 1], list[n + 2] = fence, text
  if client == me then looked_up[fence] = text end
end

local function look_up(fences)
  for i = 1, #fences, 500 do
    local part = {unpack(fences, i, math.min(i + 499, #fences))}
    for at, text in ipairs(redis.call('HMGET', key('h', me), unpack(part))) do
      looked_up[part[at]] = text
    end
  end
end

local function write_leases()
  for client, list in pairs(given_now) do in_parts('HSET', key('h', client), list) end
  in_parts('HDEL', key('h', me), back)
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
  local text = text_of(fence)
  lease(job.client, job.weight, text, now)
  count_start(fence, job.named, now)
  if is_set(limits.reservoir) then
    refill()
    set('amount', get('amount') - cost_of(limits.reservoir, job.weight, job.named))
  end
  if get('cool') > 0 then set('probe', fence) end
  if get('blocked') > 0 and get('blocked') + limits.min_interval <= now then set('blocked', 0) end
  if get('paused') <= now then set('paused', 0) end
  tell(job.client, 'granted', job.ticket, text)
end

local function give_back(fence, text, well)
  set('running', get('running') - weight_in(text))
  if get('probe') ~= 0 and text_of(get('probe')) == fence then
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
    local held = before == 0 and after > 0
      and (looked_up[text_of(fence)] or redis.call('HGET', key('h', me), text_of(fence)))
    if held then at = select(2, cmsgpack.unpack(held)) end
    if at then
      redis.call('ZREM', name, member(fence, before))
      if after > 0 then redis.call('ZADD', name, at, member(fence, after)) end
      set('used:' .. rate.key, get('used:' .. rate.key) + after - before)
    end
  end
end
