import type { Examples } from './examples.ts'

export const timeExamples: Examples = {
  convert_timezone: [
    [
      "convert_timezone('UTC', '2024-04-05 12:00:00 +02:00'::timestamp_tz)::timestamp_ntz",
      '2024-04-05 10:00:00',
    ],
  ],
  date_part: [
    ["date_part(quarter, '2024-04-08T23:39:20.123-07:00'::timestamp)", '2'],
    ["date_part(epoch_second, '1970-01-01 00:00:08'::timestamp_ntz)", '8'],
    ["date_part(epoch_millisecond, '1970-01-01 00:00:08.567'::timestamp_ntz)", '8567'],
    ["date_part('epoch_microsecond', '1969-12-31 23:59:59.999999'::timestamp_ntz)", '-1'],
    ["extract(year from '2024-04-08'::date)", '2024'],
  ],
  date_trunc: [
    ["date_trunc('month', '2024-05-09'::date)", '2024-05-01'],
    ["date_trunc('hour', '2024-05-09 10:50:57.891'::timestamp_ntz)", '2024-05-09 10:00:00'],
    ["date_trunc('week', '2026-11-01'::date)", '2026-10-26'],
  ],
  dateadd: [
    ["dateadd(year, 2, '2022-05-08'::date)", '2024-05-08'],
    ["dateadd(month, 1, '2023-01-31'::date)", '2023-02-28'],
    ["dateadd(hour, 2, '2022-05-08'::date)", '2022-05-08 02:00:00'],
    ["timestampadd(second, -1, '2026-01-01'::timestamp_ntz)", '2025-12-31 23:59:59'],
    ["timeadd('day', 1, '2026-01-01'::timestamp_ntz)", '2026-01-02 00:00:00'],
  ],
  datediff: [
    ["datediff(year, '2020-04-09 14:39:20'::timestamp, '2023-05-08 23:39:20'::timestamp)", '3'],
    ["datediff(year, '2021-12-31'::date, '2022-01-01'::date)", '1'],
    ["datediff(day, '2026-01-01 23:59:00'::timestamp_ntz, '2026-01-02 00:01:00'::timestamp_ntz)", '1'],
    [
      "timestampdiff(minute, '2026-01-01 00:00:59'::timestamp_ntz, '2026-01-01 00:01:00'::timestamp_ntz)",
      '1',
    ],
    ["timediff(week, '2026-10-31'::date, '2026-11-02'::date)", '1'],
    ["datediff(microsecond, '2026-01-01'::date, '2026-01-01 00:00:01'::timestamp_ntz)", '1000000'],
  ],
  last_day: [["last_day('2024-05-08T23:39:20.123'::timestamp)", '2024-05-31']],
  to_date: [
    ["to_date('2024-05-10')", '2024-05-10'],
    ["date('2024-05-10')", '2024-05-10'],
    ["try_to_date('x')", null],
  ],
  to_timestamp: [
    ["to_timestamp('2024-01-02 03:04:05')", '2024-01-02 03:04:05'],
    ['to_timestamp_ntz(40 * 365 * 86400)', '2009-12-22 00:00:00'],
    ['to_timestamp(1577836800123456, 6)', '2020-01-01 00:00:00.123456'],
    ["to_timestamp_ntz('2024-01-02T03:04:05+02:00')", '2024-01-02 03:04:05'],
    [
      "to_timestamp_tz('2024-01-02T03:04:05+02:00') = to_timestamp_ltz('2024-01-02T01:04:05Z')::timestamp_tz",
      true,
    ],
  ],
  try_to_timestamp: [
    ["try_to_timestamp('2024-01-15 12:30:00')", '2024-01-15 12:30:00'],
    ["try_to_timestamp('Invalid')", null],
    ["try_to_timestamp_ntz('2024-02-30 00:00:00')", null],
    ["try_to_timestamp_ltz('x')", null],
    ["try_to_timestamp_tz('x')", null],
  ],
  year: [
    ["year('2013-05-08T23:39:20'::timestamp)", '2013'],
    ["quarter('2013-05-08'::date)", '2'],
    ["month('2013-05-08'::date)", '5'],
    ["day('2013-05-08'::date)", '8'],
    ["dayofmonth('2013-05-08'::date)", '8'],
    ["dayofweek('2013-05-12'::date)", '0'],
    ["dayofweekiso('2013-05-12'::date)", '7'],
    ["dayofyear('2013-05-08'::date)", '128'],
    ["weekiso('2013-05-08'::date)", '19'],
  ],
  'hour-minute-second': [
    ["hour('2013-05-08T23:39:20'::timestamp)", '23'],
    ["minute('2013-05-08T23:39:20'::timestamp)", '39'],
    ["second('2013-05-08T23:39:20'::timestamp)", '20'],
  ],
}
