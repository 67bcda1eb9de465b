/** ZooKeeper, for the JobManagers of a highly available Flink cluster. */
package io.ponix.embedded.zookeeper;
