/** Words that need quotes as a name of a column or table; from `duckdb_keywords()` and `pg_get_keywords()`. */
const common =
  'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation ' +
  'column concurrently constraint create cross default deferrable desc distinct do else end except false fetch for ' +
  'foreign freeze from full group having ilike in initially inner intersect into is isnull join lateral leading left ' +
  'like limit natural not notnull null offset on only or order outer overlaps placing primary references returning ' +
  'right select similar some symmetric table tablesample then to trailing true union unique using variadic verbose ' +
  'when where window with'

const duckdbOnly =
  'anti asof at by columns describe generated glob lambda map pivot pivot_longer pivot_wider positional qualify semi ' +
  'show struct summarize try_cast unpack unpivot'

/** The parameterless functions are here too: unquoted, they would be read as a call. */
const postgresOnly =
  'current_catalog current_date current_role current_schema current_time current_timestamp current_user grant ' +
  'localtime localtimestamp session_user system_user user'

/**
 * From "Reserved & limited keywords" of Snowflake's reference: what no unquoted name may be, and what may not be one in a
 * `from` or as a column in an expression. Quoting more than is needed changes nothing there, since the quoted name is in
 * upper case as the unquoted one would be.
 */
const snowflakeWords =
  'account all alter and any as between by case cast check column connect connection constraint create cross current ' +
  'current_date current_time current_timestamp current_user database delete distinct drop else exists false following ' +
  'for from full grant group gscluster having ilike in increment inner insert intersect into is issue join lateral left ' +
  'like localtime localtimestamp minus natural not null of on or order organization qualify regexp revoke right rlike row ' +
  'rows sample schema select set some start table tablesample then to trigger true try_cast union unique update using ' +
  'values view when whenever where with ' +
  // On no list, but read as more than a name where they may stand.
  'asof cube except fetch grouping limit match_recognize offset pivot recursive rollup unpivot window'

export const duckdbKeywords: ReadonlySet<string> = new Set(`${common} ${duckdbOnly}`.split(' '))
export const postgresKeywords: ReadonlySet<string> = new Set(`${common} ${postgresOnly}`.split(' '))
export const snowflakeKeywords: ReadonlySet<string> = new Set(snowflakeWords.split(' '))

/** GoogleSQL's reserved words, and the functions that are called without parentheses. */
const googleSql =
  'all and any array as asc assert_rows_modified at between by case cast collate contains create cross cube current ' +
  'default define desc distinct else end enum escape except exclude exists extract false fetch following for from full ' +
  'group grouping groups hash having if ignore in inner intersect interval into is join lateral left like limit lookup ' +
  'merge natural new no not null nulls of on or order outer over partition preceding proto qualify range recursive ' +
  'respect right rollup rows select set some struct tablesample then to treat true unbounded union unnest using when ' +
  'where window with within current_date current_datetime current_time current_timestamp'

export const bigqueryKeywords: ReadonlySet<string> = new Set(googleSql.split(' '))
