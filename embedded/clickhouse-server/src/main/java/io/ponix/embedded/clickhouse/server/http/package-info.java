/** ClickHouse's HTTP interface: what a request asks for, and how it is answered. */
package io.ponix.embedded.clickhouse.server.http;
