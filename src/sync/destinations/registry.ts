import type { DestinationType } from '../destination.ts'

/** Built-in destinations by type; each is loaded when it is used. */
export const builtIn: Readonly<Record<string, () => Promise<DestinationType>>> = {
  webhook: async () => (await import('./webhook.ts')).webhook,
  files: async () => (await import('./files/files.ts')).files,
  postgres_table: async () => (await import('./tables/postgres-table.ts')).postgresTable,
  mysql_table: async () => (await import('./tables/mysql-table.ts')).mysqlTable,
  duckdb_table: async () => (await import('./tables/duckdb-table.ts')).duckdbTable,
  redis: async () => (await import('./redis.ts')).redis,
  segment: async () => (await import('./segment/segment.ts')).segment,
  slack: async () => (await import('./slack.ts')).slack,
  email: async () => (await import('./email.ts')).email,
  hubspot: async () => (await import('./vendors/hubspot.ts')).hubspot,
  braze: async () => (await import('./vendors/braze.ts')).braze,
  customerio: async () => (await import('./vendors/customerio.ts')).customerio,
  klaviyo: async () => (await import('./vendors/klaviyo.ts')).klaviyo,
  iterable: async () => (await import('./vendors/iterable.ts')).iterable,
  salesforce: async () => (await import('./vendors/salesforce/salesforce.ts')).salesforce,
  meta_audience: async () => (await import('./vendors/meta-audience.ts')).metaAudience,
  google_customer_match: async () => (await import('./vendors/google-customer-match.ts')).googleCustomerMatch,
  segment_actions: async () => (await import('./vendors/segment-actions.ts')).segmentActions,
}
