# Research data for tests: awk -v lines=N -v seed=S -f survey.awk. Always the same for the same numbers; respondents who differ in
# what they do, want and complain of, in the sentences people write into forms.

function pick(n)
{
	# A generator of our own: that of awk differs between awks.
	state = (state * 16807) % 2147483647
	return state % n
}

function quoted(text)
{
	gsub(/"/, "\"\"", text)
	return "\"" text "\""
}

BEGIN {
	state = seed * 7919 + 17
	n = split("nurse,teacher,baker,bus driver,translator,engineer,student,retired joiner,shop owner,carer,gardener,programmer", job, ",")
	t = split("by  train,by  car,on  foot,by  bicycle,by  bus", way, ",")
	p = split("price,time,comfort,safety,climate", matter, ",")
	h = split("a ticket that works in every town,a bus that comes when the timetable says so,somewhere dry to leave my bicycle,one app for all of my connections,a seat in the morning,night services at weekends,clear notices when something is cancelled,a ramp at my station,cheaper fares for short trips,safer crossings near the school", wish, ",")
	f = split("the connection is missed whenever the first train is late,nobody says which platform has been changed,the ticket machine refuses my card,the lift has been broken since spring,the path ends in the middle of the road,I can't take the pram on board when it is full,the last bus leaves before my shift ends,parking costs more than the trip,the app signs me out every week,I never know whether my discount applies", bother, ",")
	d = split("I leave an hour early and read on the way,I check two timetables before breakfast,I keep a paper map in my bag,I share the car with a colleague on Mondays,I walk the last two stops when it is dry,I buy the week's tickets on Sunday evening,I ask the driver because the sign is wrong,I plan the way home before I plan the way there,I note every delay in a small book,I cycle along the river to avoid the hill", habit, ",")
	m = split("my children wait for me,I lose pay when I am late,I want to be less of a burden to the air,my knees do not forgive a missed lift,I have twenty minutes for myself there,I like to see the same faces", reason, ",")
	print "id,age,occupation,How do you usually travel?,What matters most?,What do you wish for?,What frustrates you?,How do you go about a usual day?,Why does it matter to you?"
	for (i = 1; i <= lines; i++) {
		kind = pick(t) + 1
		line = "R" i "," 18 + pick(60) "," job[pick(n) + 1] "," way[kind] "," matter[(kind + pick(3)) % p + 1]
		line = line "," quoted("I wish for " wish[(kind * 2 + pick(4)) % h + 1] ", number " i " would use it " (2 + pick(9)) " times a month.")
		line = line "," quoted("What annoys me is that " bother[(kind * 2 + pick(4)) % f + 1] ". It happened " (2 + pick(7)) " times this year.")
		line = line "," quoted("On a usual day " habit[(kind * 2 + pick(4)) % d + 1] ", and " habit[pick(d) + 1] ".")
		line = line "," quoted("It matters because " reason[(kind + pick(3)) % m + 1] ".")
		print line
	}
}
