/**
 * Words that may stand before a parenthesis without being a function, unless a user has made one of that name: keywords, expressions with a
 * syntax of their own, and types.
 */
export const SYNTAX_WORDS: readonly string[] = `
  all and any array as asc between both by case cast check coalesce collate conflict copy cross cube current_time current_timestamp
  default delete desc distinct do else end except exists extract fetch filter first for from full group grouping groups having ilike in
  inner insert intersect interval into is join key last lateral left like limit localtime localtimestamp materialized natural normalize not
  nothing null nulls nullif of offset on only or order ordinality outer over overlaps overlay partition position range recursive
  repeatable return returning right rollup row rows select set sets similar skip some substring symmetric table tablesample then ties to
  treat trim union update using value values variadic when where window with within without xmlconcat xmlelement xmlexists xmlforest
  xmlparse xmlpi xmlroot xmlserialize xmltable
  greatest least text varchar char character numeric decimal timestamp timestamptz time timetz bit
`
  .trim()
  .split(/\s+/);

/**
 * Functions of PostgreSQL and its extensions that are volatile but leave nothing in the session: they return the time or something random, wait, or change
 * only what ends with the transaction or is not the session's.
 */
export const HARMLESS_FUNCTIONS: readonly string[] = `
  array_sample array_shuffle bernoulli clock_timestamp currval gen_random_uuid gen_salt lastval pg_advisory_xact_lock
  pg_advisory_xact_lock_shared pg_blocking_pids pg_cancel_backend pg_current_wal_insert_lsn pg_current_wal_lsn pg_database_size
  pg_indexes_size pg_is_in_recovery pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_lock_status pg_notify
  pg_notification_queue_usage pg_relation_size pg_size_pretty pg_sleep pg_sleep_for pg_sleep_until pg_table_size pg_tablespace_size
  pg_terminate_backend pg_total_relation_size pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared random random_normal
  system timeofday txid_status pg_xact_status uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4 uuidv7
`
  .trim()
  .split(/\s+/);
