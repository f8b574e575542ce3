-- Rates.

local function cost_of(limit, weight, named)
  if is_set(limit.name) then return named[limit.name] or 0 end
  return weight
end

local function period(rate)
  local edge = edges[rate.key] or (state['edge:' .. rate.key] and cmsgpack.unpack(state['edge:' .. rate.key]))
  if not edge then return 0, 0 end
  if now < edge[2] then return edge[1], edge[2] end
  return edge[2], edge[3]
end

local function member(fence, cost)
  return string.format('%.0f:%.0f', fence, cost)
end

-- Forget what does not count any more; return what is used, and from when on starts count.
local function used_of(rate)
  local name, field = key('rate', rate.key), 'used:' .. rate.key
  local since, used = now - rate.per, get('used:' .. rate.key)
  local last = since
  if rate.aligned then last = period(rate) - 1 end
  local old = redis.call('ZRANGEBYSCORE', name, '-inf', last)
  if #old > 0 then
    for _, entry in ipairs(old) do used = used - tonumber(string.match(entry, ':(.*)$')) end
    redis.call('ZREMRANGEBYSCORE', name, '-inf', last)
    set(field, used)
  end
  return used
end

local function free_at(rate, cost)
  if cost == 0 then return 0 end
  local over = used_of(rate) + cost - rate.limit
  if over <= 0 then return 0 end
  if cost > rate.limit then return INF, true end
  if rate.aligned then
    local _, ends = period(rate)
    return ends > now and ends or INF -- until somebody tells when the period ends that is now
  end
  local at = 0
  while true do
    local part = redis.call('ZRANGE', key('rate', rate.key), at, at + 63, 'WITHSCORES')
    if #part == 0 then return INF end
    for i = 1, #part, 2 do
      over = over - tonumber(string.match(part[i], ':(.*)$'))
      if over <= 0 then return tonumber(part[i + 1]) + rate.per end
    end
    at = at + 64
  end
end

-- The reservoir.

local function ticks(begin, every, at)
  return math.max(math.floor((at - begin) / every), 0)
end

local function refill()
  local stock = limits.reservoir
  if not is_set(stock) then return end
  if not state.amount then
    set('amount', stock.amount)
    set('begin', now)
    set('refreshes', 0)
    set('increases', 0)
    return
  end
  local amount, increases, begin = get('amount'), get('increases'), get('begin')
  if is_set(stock.refresh_every) then
    local count = ticks(begin, stock.refresh_every, now)
    if count > get('refreshes') then
      amount = stock.refresh_amount
      set('refreshes', count)
      if is_set(stock.increase_every) then
        local since = begin + count * stock.refresh_every
        local seen = ticks(begin, stock.increase_every, since)
        if begin + seen * stock.increase_every == since then seen = seen - 1 end
        increases = math.max(increases, seen)
      end
    end
  end
  if is_set(stock.increase_every) then
    local count = ticks(begin, stock.increase_every, now)
    local full = amount + (count - increases) * stock.increase_amount
    if is_set(stock.maximum) then full = math.max(amount, math.min(full, stock.maximum)) end
    amount, increases = full, count
  end
  if amount ~= get('amount') then set('amount', amount) end
  if increases ~= get('increases') then set('increases', increases) end
end

-- When a stock may hold so much; nil: never again.
local function filled_at(wanted)
  local stock, begin = limits.reservoir, get('begin')
  local refreshes, increases = is_set(stock.refresh_every), is_set(stock.increase_every)
  if not refreshes and not increases then return INF end
  local highest, at = get('amount'), INF
  if refreshes then
    highest = math.max(highest, stock.refresh_amount)
    at = begin + (ticks(begin, stock.refresh_every, now) + 1) * stock.refresh_every
  end
  if increases then
    local most = INF
    if refreshes then
      most = highest + stock.increase_amount * math.floor(stock.refresh_every / stock.increase_every)
    end
    if is_set(stock.maximum) then most = math.max(highest, math.min(most, stock.maximum)) end
    highest = most
    local steps = refreshes and 1 or math.ceil((wanted - get('amount')) / stock.increase_amount)
    at = math.min(at, begin + (get('increases') + steps) * stock.increase_every)
  end
  if wanted > highest then return nil end
  return at
end

-- May it start? Returns whether, or else when to ask again, and whether nothing can ever help.

local function decide(weight, named)
  if weight > 0 and is_set(limits.max_concurrent) then
    if weight > limits.max_concurrent then return false, INF, true end
    if get('running') + weight > limits.max_concurrent then return false, INF end
  end
  if get('probe') ~= 0 then return false, INF end
  local at = math.max(get('grace'), get('paused'), get('cool'))
  if get('blocked') > 0 then at = math.max(at, get('blocked') + limits.min_interval) end
  if limits.min_interval > 0 and state.last then at = math.max(at, get('last') + limits.min_interval) end
  for _, rate in ipairs(limits.rates) do
    local free, never = free_at(rate, cost_of(rate, 1, named))
    if never then return false, INF, true end
    at = math.max(at, free)
  end
  if is_set(limits.reservoir) then
    refill()
    local cost = cost_of(limits.reservoir, weight, named)
    if cost > 0 and get('amount') < cost then
      local filled = filled_at(cost)
      if not filled then return false, INF, true end
      at = math.max(at, filled)
    end
  end
  return at <= now, at
end
