# Research data in every shape, from the file to the quote: what persona-draft understood, and where its quotes stand.

load helper

setup()
{
	cd "$BATS_TEST_TMPDIR"
	export PERSONA_DB=t.db
}

talk()
{
	printf '%s\n' 'MODERATOR: What do you wish for?' \
		'ANNA: I wish the oven could tell me by phone when the bread is done.' \
		'BEN: I would like to see all deliveries of the day on one map.' \
		'MODERATOR: What is the hardest part of your day?' \
		'ANNA: It is hard to get up at two in the morning every single day.' \
		'BEN: I struggle with customers who are never at home when I arrive.'
}

# Quotes and other items word for word, read from the file at the byte that the database names.
quotes_stand_in()
{
	local file=$1 byte text kind count=0
	while IFS=$'\t' read -r kind byte text; do
		[ "$(dd if="$file" bs=1 skip="$byte" count="$(printf %s "$text" | wc -c)" status=none)" = "$text" ] ||
			fail "$kind at byte $byte of $file is not: $text"
		count=$((count + 1))
	done < <(sqlite3 -separator $'\t' "$PERSONA_DB" "SELECT e.kind, e.byte_offset, t.text FROM evidence e
		JOIN trait t USING (revision_id, kind, position)
		WHERE e.strength = 'verbatim' AND e.byte_offset IS NOT NULL")
	[ "$count" -gt 2 ] || tell "only $count items have a place"
	[ "$(sqlite3 "$PERSONA_DB" "SELECT count(*) FROM evidence WHERE kind = 'quote' AND byte_offset IS NULL")" = 0 ] ||
		fail 'a quote has no place'
}

@test 'a transcript: the moderator asks and is nobody' {
	talk >talk.txt
	try persona-draft --from talk.txt -n 2 --format ids
	succeeded '2 turns of 1 moderator are questions'
	[ "$(sqlite3 t.db "SELECT group_concat(speaker, ' ') FROM record")" = 'ANNA BEN' ]
	[ "$(sqlite3 t.db "SELECT count(*) FROM trait WHERE text LIKE '%?'")" = 0 ]
	[ "$(sqlite3 t.db "SELECT count(*) FROM revision WHERE name LIKE '%anna%' OR name LIKE '%ben %'")" = 0 ]
	quotes_stand_in talk.txt
}

@test 'quotes stand at their bytes in CSV, JSON, JSON lines, Markdown and HTML' {
	local wish='I wish the oven could tell me by phone when the bread is done.'
	local pain='It is hard to get up at two in the morning every single day, and nobody thanks me.'
	local use='I usually check the flour in the evening before I go to bed.'
	printf 'Id,What do you wish for?,What is hard?,How do you work?\r\n1,"%s ""Really""!",%s,"%s\r\nAlways."\r\n' \
		"$wish" "\"$pain\"" "$use" >a.csv
	printf '\xef\xbb\xbf[{"wish": "Well, \\"so\\". %s",\n  "What is hard?": "%s", "How do you work?": ["%s"]}]\n' \
		"$wish" "$pain" "$use" >b.json
	printf '{"wish": "%s", "What is hard?": "%s", "How do you work?": "%s"}\n' "$wish" "$pain" "$use" >c.jsonl
	printf -- '---\ntitle: Somebody\n---\n\n### What do you wish for?\n\n%s\n\n### What is hard?\n\n%s\n\n### How do you work?\n%s\n' \
		"$wish" "$pain" "$use" >d.md
	printf '<html><body><h1>Somebody</h1><h3>What do you wish for?</h3><p>%s</p>\n<h3>What is hard?</h3><p>%s &amp; so\non.</p>\n<h3>How do you work?</h3><p>%s</p>' \
		"$wish" "$pain" "$use" >e.html
	for file in a.csv b.json c.jsonl d.md e.html; do
		rm -f t.db*
		try persona-draft -q --from "$file" -n 1 --format ids
		succeeded
		quotes_stand_in "$file"
	done
}

@test 'dry run shows what was understood, and writes nothing' {
	{
		echo 'Timestamp,Age,Tools,Why?'
		for i in 1 2 3 4 5 6; do
			echo "2020-01-0$i,3$i,\"pen, ink (red, blue)\",Because I love number $i more than others do."
		done
	} >a.csv
	try persona-draft --from a.csv -n 2 --dry-run
	succeeded
	[ -z "$output" ]
	[[ $stderr == *'6 respondents'* ]]
	[[ $stderr == *'"Timestamp": left out: dates and times'* ]]
	[[ $stderr == *'"Age": numbers; 6 of 6 answered; age of the respondent, described by and never grouped by'* ]]
	[[ $stderr == *'"Why?": text'* ]]
	[ ! -e t.db ]
}

@test 'units, ids and ignored columns as told' {
	printf 'who,said\nP1,I wish it were warm\nP2,I want it to be cold\nP1,I love the summer a lot\n' >a.csv
	try persona-draft -q --from a.csv -n 1 --id-column who --format ids
	succeeded
	[ "$(sqlite3 t.db 'SELECT count(*) FROM record')" = 2 ]
	try persona-draft -q --from a.csv -n 1 --unit row --ignore-column who --format ids
	succeeded
	[ "$(sqlite3 t.db "SELECT count(*) FROM record JOIN source USING (source_id) WHERE media_type LIKE '%unit=row%'")" = 3 ]
	[ "$(sqlite3 t.db "SELECT count(*) FROM record WHERE fields LIKE '%who%'")" = 2 ]
	try persona-draft -q --from a.csv -n 1 --ignore-column nobody
	refused 2 'no column "nobody"'
	try persona-draft -q --from a.csv -n 1 --unit tribe
	refused 2 '--unit takes'
}

@test 'a column is open text when it is said to be' {
	{
		printf 'id,"What ""do"" you want, 100%%?",Tool\n'
		for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
			printf 'P%s,%s,%s\n' "$i" "I want a quieter office in the morning" "map $((i % 2))"
		done
	} >a.csv
	try persona-draft --dry-run --from a.csv -n 1
	[[ $stderr == *'100%?": one of'* ]] || tell "closed by its looks"
	try persona-draft --dry-run --from a.csv -n 1 --text-column 'what "do" you want, 100%?'
	[[ $stderr == *'100%?": text'* ]] || tell "text, as told"
	[[ $stderr == *'"Tool": one of'* ]] || tell "the other as before"
	try persona-draft -q --from a.csv -n 1 --text-column 'What "do" you want, 100%?' --format ids
	succeeded
	# The data know it, for whoever reads them later.
	[ "$(sqlite3 t.db "SELECT media_type FROM source")" = 'text/csv; text="What %22do%22 you want, 100%25?"' ]
	[ "$(sqlite3 t.db "SELECT text FROM trait WHERE kind = 'goal'")" = 'I want a quieter office in the morning' ]
	try persona-draft -q --from a.csv -n 1 --text-column nobody
	refused 2 'no column "nobody"'
}

@test 'figures of a batch are kept and shown' {
	{
		echo 'Tool,Place,Gender,What would you like to improve?'
		for i in $(seq 24); do
			if [ $((i % 2)) = 0 ]; then
				echo "pen,office,female,I wish letter number $i had been shorter than it was."
			else
				echo "van,road,male,I would like to see stop $i on the map before I drive."
			fi
		done
	} >a.csv
	try persona-draft -q --from a.csv -n 2 --format ids
	succeeded
	[ "$(sqlite3 t.db "SELECT json_extract(figures, '\$.respondents', '\$.personas') FROM batch")" = '[24,2]' ]
	try persona-status
	[[ $output == *'batch 1: 2 personas for 24 respondents'* ]]
	[[ $output == *'agree: 1.00 (firm)'* ]]
	[ "$(persona-status --json | jq '.batches[0].figures.covered')" = 24 ]
	try persona-show --full
	[[ $output == *'respondents like one of them: 24 of 24'* ]]
	# Fewer personas later do not take their place.
	sqlite3 t.db "UPDATE batch SET figures = json_set(figures, '\$.personas', 9)"
	try persona-draft -q --from a.csv -n 3 --format ids
	succeeded
	[ "$(sqlite3 t.db "SELECT json_extract(figures, '\$.personas') FROM batch")" = 9 ]
}

@test 'hostile folders and files are told of in words' {
	mkdir d
	talk >d/talk.txt
	mkfifo d/pipe.txt
	ln -s . d/again
	ln -s loop d/loop
	printf '\x7fELF\x00\x01\x02\x00\x00\x03' >d/program.txt
	printf 'id,caf\xe9\n1,ol\xe9 ol\xe9\n' >d/latin.csv
	printf 'text\nhello there\n' | iconv -t UTF-16 >d/wide.csv
	{ printf '['; printf '[%.0s' $(seq 5000); } >d/deep.json
	seq -s, 10000 >d/wide-table.csv
	try persona-draft --from d -n 1 --format ids
	[ "$status" = 1 ]
	[[ $stderr == *'pipe.txt: not a regular file'* ]]
	[[ $stderr == *'again: a symbolic link to a directory'* ]]
	[[ $stderr == *'loop: a symbolic link to nothing'* ]]
	[[ $stderr == *'program.txt:1: a NUL byte'* ]]
	[[ $stderr == *'latin.csv: read as Windows-1252'* ]]
	[[ $stderr == *'wide.csv: read as UTF-16'* ]]
	[[ $stderr == *'deep.json: no JSON'* ]]
	[[ $stderr == *'wide-table.csv:1: more than 4096 columns'* ]]
	[ "$(sqlite3 t.db "SELECT text FROM record WHERE locator LIKE 'latin%'")" = $'1\nolé olé' ]
}

@test "rows in another order make the same personas, also where some lack answers" {
	awk -v lines=60 -v seed=5 -f "$PERSONA_ROOT/tests/fault/survey.awk" |
		awk 'BEGIN { FS = OFS = "," } NR > 1 { if (NR % 3) $4 = ""; if (NR % 4 == 2) $5 = ""; if (NR < 9) $3 = "" } { print }' \
			>forth.csv
	(head -n 1 forth.csv && tail -n +2 forth.csv | tac) >back.csv
	for order in forth back; do
		try persona-draft -q --db $order.db --from $order.csv -n 5
		succeeded
		[ "${#lines[@]}" -eq 5 ]
		sqlite3 $order.db "SELECT slot, name, ifnull(age, ''), ifnull(occupation, ''), kind, position, text FROM revision
			JOIN persona USING (persona_id) JOIN trait USING (revision_id) ORDER BY 1, 5, 6" >$order.txt
	done
	[ -s forth.txt ]
	diff forth.txt back.txt
}
