-- The exchange itself. Where it is another server than the one we knew, or one that has lost
-- everything, what it knows of jobs may be old: everybody says anew what he holds, and until all who
-- live have had time for that, nobody starts.

local FORM = '2' -- of what is kept: what was kept in another is thrown away unread
local function begin_anew(run, knew)
  for _, client in ipairs(redis.call('ZRANGE', key('clients'), 0, -1)) do
    redis.call('DEL', key('c', client), key('h', client), key('w', client), key('n', client))
  end
  for _, place in ipairs(redis.call('ZRANGE', key('places'), 0, -1)) do
    for _, owner in ipairs(redis.call('ZRANGE', key('turns', place), 0, -1)) do
      redis.call('DEL', key('q', place, owner))
    end
    redis.call('DEL', key('q', place), key('turns', place), key('accounts', place))
  end
  redis.call('DEL', key('clients'), key('places'))
  set('run', run)
  set('form', FORM)
  set('epoch', now)
  for _, field in ipairs({'running', 'waiting', 'probe', 'wake'}) do set(field, 0) end
  if knew then set('grace', now + ttl) end
end

-- After a restart or a switch it is another server; a young one may have lost all of it.
local about = redis.call('INFO', 'server')
local run = string.match(about, 'run_id:(%w+)')
local age = tonumber(string.match(about, 'uptime_in_seconds:(%d+)')) * 1000000
if state.run ~= run or state.form ~= FORM then
  begin_anew(run, state.run or number > 1 or age < ttl + 1000000)
end

local last = tonumber(redis.call('HGET', key('c', me), 'number') or '')
if (not last and number > 1) or (last and number < last) then
  write_state()
  local reborn = text_of(get('epoch')) ~= epoch
  return {last and 'stale' or reborn and 'reborn' or 'reset', text_of(now)}
end
redis.call('HSET', key('c', me), 'number', number)
redis.call('ZADD', key('clients'), now, me)

local gone = redis.call('ZRANGEBYSCORE', key('clients'), '-inf', now - ttl, 'LIMIT', 0, 16)
if not limits then use(given) end
for _, client in ipairs(gone) do forget(client) end
if not last and given ~= state.limits and redis.call('ZCARD', key('clients')) == 1 then
  change(given) -- whoever set the old ones is not here any more
end
for name, edge in pairs(edges) do set('edge:' .. name, cmsgpack.pack(edge)) end

-- Start whoever can start, in order. Returns when to ask again, and whose job waits for that.
local function grant()
  for _ = 1, 1000 do
    local head = first(false)
    if not head then return INF end
    local may, at, never = decide(head.weight, head.named)
    local light = not may and not never and head.weight > 0 and first(true)
    local blocked, whose = at, head.client
    if light then
      may, at, never = decide(light.weight, light.named)
      head = light
      if at < blocked then blocked, whose = at, light.client end
    end
    if never then
      drop(head, 'overweight')
    elseif may then
      start(head)
    else
      return blocked, whose
    end
  end
  return now, me
end

local act = {
  ask = function(m)
    ask(m)
    if is_set(limits.high_water) then grant() end -- the next is shed by how many wait then
  end,
  withdraw = function(m)
    local job = job_of(me, m[2])
    if job then remove(job) end
  end,
  give_back = function(m)
    for _, fence in ipairs(m[2]) do
      local text = looked_up[fence]
      if text then
        looked_up[fence] = false
        back[#back + 1] = fence
        give_back(fence, text, m[3])
      end
    end
  end,
  hold = function(m) -- a job that began before this server knew of it
    lease(me, m[4], text_of(m[3]), now - m[6])
    set('fence', math.max(get('fence'), m[3]))
    count_start(m[3], m[5], now - m[6])
  end,
  recharge = function(m) recharge(m[2], m[3], m[4]) end,
  change = function(m) change(m[2]) end,
  pause = function(m) set('paused', math.max(get('paused'), is_set(m[2]) and now + m[2] or INF)) end,
  resume = function(m) set('paused', 0) end,
  cool_down = function(m)
    set('cool', math.max(get('cool'), now + m[2]))
    set('probe', 0)
  end,
  refill = function(m)
    if is_set(limits.reservoir) then
      refill()
      set('amount', get('amount') + m[2])
    end
  end,
}
if number ~= last then
  local fences = {}
  for _, m in ipairs(happened) do
    if m[1] == 'give_back' then
      for _, fence in ipairs(m[2]) do fences[#fences + 1] = fence end
    end
  end
  look_up(fences)
  for _, m in ipairs(happened) do act[m[1]](m) end
end

local wake, whose = grant()
if is_set(limits.aging) and whose then wake = math.min(wake, now + limits.aging / 4) end
if not whose or wake >= INF then wake = 0 end
if wake > 0 and whose ~= me and (get('wake') ~= wake or state.whose ~= whose) then
  redis.call('PUBLISH', PREFIX .. ':' .. whose, '0 wake ' .. text_of(wake) .. ' -')
end
set('wake', wake)
if whose then set('whose', whose) end

local outlook = {}
if looks then
  local may, at = decide(1, {})
  local amount = ''
  if is_set(limits.reservoir) then
    refill()
    amount = text_of(get('amount'))
  end
  outlook = {
    text_of(get('running')), text_of(get('waiting')), amount,
    get('paused') > now and '1' or '0', may and '0' or text_of(at),
  }
end
settle()
write_leases()
send_news()
if not last or number % 16 == 0 then expire_all() end
write_state()
return {
  'ok', text_of(now), text_of(get('epoch')), whose == me and text_of(wake) or '0',
  news_after(heard_of), outlook,
}
