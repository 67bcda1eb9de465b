package io.ponix.deviceservice.charging.transaction;

/** Of what transaction a row is: its three parts are never one text. */
record TransactionKey(String organizationId, String chargeStationId, String transactionId) {}
