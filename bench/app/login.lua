-- What wrk sends, and what it counts: a login is a 200, "come back later" a 429 or 503, and the rest is a fault.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  wrk.body = "uname=" .. args[1] .. "&pwd=a+password"
  done_well, refused, faulty = 0, 0, 0
  -- To look at each answer costs the generator a lot, so only where there are few of them.
  if args[2] == "count" then
    response = count
  end
end

function count(status)
  if status == 200 then
    done_well = done_well + 1
  elseif status == 429 or status == 503 then
    refused = refused + 1
  else
    faulty = faulty + 1
  end
end

function done(summary)
  local total = { done_well = 0, refused = 0, faulty = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(total) do
      total[name] = total[name] + thread:get(name)
    end
  end
  if total.done_well + total.refused + total.faulty == 0 then
    total.done_well, total.faulty = summary.requests - summary.errors.status, summary.errors.status
  end
  print(string.format("answers %d %d %d", total.done_well, total.refused, total.faulty))
end
