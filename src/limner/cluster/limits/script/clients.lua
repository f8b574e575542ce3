-- Who comes, and who goes.

local function forget(client)
  local held = redis.call('HGETALL', key('h', client))
  for i = 1, #held, 2 do give_back(held[i], held[i + 1], false) end
  for _, job in ipairs(jobs_of(client)) do remove(job) end
  settle()
  redis.call('DEL', key('c', client), key('h', client), key('w', client), key('n', client))
  redis.call('ZREM', key('clients'), client)
end

local function drop(job, strategy)
  tell(job.client, 'dropped', job.ticket, strategy)
  remove(job)
end

local function all_waiting()
  local found = {}
  for _, client in ipairs(redis.call('ZRANGE', key('clients'), 0, -1)) do
    for _, job in ipairs(jobs_of(client)) do found[#found + 1] = job end
  end
  return found
end

-- Whether a newcomer is dropped, having dropped somebody else where that is the rule.
local function sheds(job)
  local blocked = now < get('blocked')
  if not blocked and not is_set(limits.high_water) then return false end
  local head = first(job.weight == 0)
  local leads = not head or math.floor(job.place / 2) < math.floor(head.place / 2)
  if leads and decide(job.weight, job.named) then return false end
  if not blocked and get('waiting') < limits.high_water then return false end
  if blocked or limits.overflow == 'block' then
    set('blocked', now + limits.penalty)
    for _, other in ipairs(all_waiting()) do drop(other, 'block') end
    tell(me, 'dropped', job.ticket, 'block')
    return true
  end
  if limits.overflow ~= 'overflow' then
    local places = redis.call('ZRANGE', key('places'), -1, -1)
    local lowest = #places > 0 and math.floor(tonumber(places[1]) / 4) or -1
    local above = math.floor(job.place / 4) + (limits.overflow == 'overflow_priority' and 1 or 0)
    if lowest >= above then
      local victim
      for place = lowest * 4, lowest * 4 + 3 do
        if redis.call('ZSCORE', key('places'), place) then
          local other = front(place)
          if not victim or other.serial < victim.serial then victim = other end
        end
      end
      drop(victim, limits.overflow)
      return false
    end
  end
  tell(me, 'dropped', job.ticket, limits.overflow)
  return true
end

local function ask(m)
  local ticket, weight, named, priority, owner, again, instead_of = m[2], m[3], m[4], m[5], m[6], m[7], m[8]
  local place = 4 * priority + (again and 0 or 2) + (weight == 0 and 1 or 0)
  set('serial', get('serial') + 1)
  local job = {
    client = me, ticket = ticket, place = place, weight = weight, named = is_set(named) and named or NONE,
    owner = owner or '', serial = get('serial'), received = now,
  }
  local old = is_set(instead_of) and job_of(me, instead_of)
  if old then
    job.serial = old.serial
    if math.floor(old.place / 4) == priority then job.place = old.place - old.place % 2 + place % 2 end
    remove(old)
  end
  if not sheds(job) then add(job) end
end

local function same_stock(a, b)
  if not is_set(a) or not is_set(b) then return not is_set(a) and not is_set(b) end
  for field, value in pairs(a) do
    if b[field] ~= value then return false end
  end
  return true
end

local function change(text)
  local waiting = all_waiting()
  for _, job in ipairs(waiting) do pull(job) end
  local before, known = limits, {}
  for _, rate in ipairs(before.rates) do known[rate.key] = true end
  use(text)
  for _, rate in ipairs(limits.rates) do
    if not known[rate.key] then
      local longest
      for _, other in ipairs(before.rates) do
        if other.name == rate.name and (not longest or other.per > longest.per) then longest = other end
      end
      if longest then
        redis.call('ZUNIONSTORE', key('rate', rate.key), 1, key('rate', longest.key))
        set('used:' .. rate.key, get('used:' .. longest.key))
      end
    end
    known[rate.key] = nil
  end
  for old in pairs(known) do
    redis.call('DEL', key('rate', old))
    set('used:' .. old, 0)
  end
  if not same_stock(before.reservoir, limits.reservoir) then
    set('amount', nil)
  end
  for _, job in ipairs(waiting) do push(job) end
end
