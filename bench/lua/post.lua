-- POST a form with a new key each: post.lua PATH BODY, where @KEY@ in BODY is replaced.
dofile("common.lua")

function init(args)
  begin(args)
  path, before, after = args[1], args[2]:match("^(.-)@KEY@(.*)$")
  if not before then before, after = args[2], nil end
end

function request()
  if not after then return post(path, before) end
  local key = fresh()
  return post(path, before .. key .. after:gsub("@KEY@", key))
end
