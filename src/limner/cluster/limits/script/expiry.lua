-- Everything goes away by itself when nobody comes any more. What lasts for a day may be a few
-- exchanges late, and what waits for longer than that is looked at once an hour.

local HOUR = 3600000000

local function longest()
  local found = 12 * HOUR
  for _, rate in ipairs(limits.rates) do found = math.max(found, rate.per) end
  if is_set(limits.reservoir) then
    for _, every in ipairs({'refresh_every', 'increase_every'}) do
      if is_set(limits.reservoir[every]) then found = math.max(found, limits.reservoir[every]) end
    end
  end
  return found
end

local function touch_all_that_wait()
  for _, place in ipairs(places_taken()) do
    if limits.fair then
      key('accounts', place)
      for _, owner in ipairs(redis.call('ZRANGE', key('turns', place), 0, -1)) do queue(place, owner) end
    else
      queue(place)
    end
  end
end

local function expire_all()
  key('places')
  for _, name in ipairs({'h', 'w', 'n', 'c'}) do key(name, me) end
  for _, rate in ipairs(limits.rates) do key('rate', rate.key) end
  if now - get('refreshed') > HOUR then
    set('refreshed', now)
    touch_all_that_wait()
  end
  local most = math.floor(longest() / 500)
  for name in pairs(touched) do redis.call('PEXPIRE', name, most) end
end
