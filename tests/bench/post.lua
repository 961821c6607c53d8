-- For wrk: the request in the file that is named behind "--", over and over.
function init(args)
	local file = assert(io.open(args[1], "rb"))
	wrk.method = "POST"
	wrk.body = file:read("*a")
	wrk.headers["Content-Type"] = "application/json"
	wrk.headers["Authorization"] = "Bearer sk-bench"
	file:close()
end
