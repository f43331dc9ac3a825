import { words } from './words.ts'

/*
 * What compiled SQL may call. Each was looked up in the reference of its warehouse, and tests run them; whoever writes another
 * does both first. The texts of users' own `.sql` files may call what they like (docs/decisions/0026-functions.md).
 */

/** Those that `sql/` and the templates write themselves, for all. */
const everywhere =
  'abs ceil coalesce count first_value floor lag lead max min nullif round row_number sum concat greatest least length lower ' +
  'lpad md5 regexp_replace substr'

export const duckdbFunctions: ReadonlySet<string> = words(
  `${everywhere} chr concat_ws contains ends_with epoch_us first isfinite json_extract json_type list list_slice quantile_disc regexp_matches ` +
    'replace sha1 starts_with strftime strlen string_agg to_json trim try_cast unnest',
)

export const postgresFunctions: ReadonlySet<string> = words(
  `${everywhere} array_agg array_to_json btrim concat_ws digest encode extract json_array_elements json_typeof octet_length right ` +
    'starts_with string_agg strpos to_char to_json',
)

export const bigqueryFunctions: ReadonlySet<string> = words(
  `${everywhere} array array_agg byte_length div ends_with format format_timestamp if ifnull is_nan json_query ` +
    'json_query_array json_value mod regexp_contains replace safe.parse_json safe_divide safe_offset sha1 starts_with strpos ' +
    'struct timestamp timestamp_add timestamp_sub timestamp_trunc to_hex to_json to_json_string trim unix_micros unnest',
)

/** With the types of columns that have parameters. */
export const snowflakeFunctions: ReadonlySet<string> = words(
  `${everywhere} array_agg array_construct array_slice contains convert_timezone date_part dateadd endswith flatten get ` +
    'greatest_ignore_nulls is_boolean is_integer is_null_value is_varchar least_ignore_nulls mod number octet_length ' +
    'regexp_like regexp_substr replace right rpad rtrim sha1 startswith timestamp_ntz to_json to_number to_timestamp_ntz to_varchar ' +
    'to_variant trim try_parse_json try_to_double',
)
