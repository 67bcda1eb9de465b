// The devices and definitions of an organization, and the transform of the chosen one.

import {call, callForAll} from './api.js';

const DEVICES = 'ponix.end_device.v1.EndDeviceService/';
const DEFINITIONS = 'ponix.end_device.v1.EndDeviceDefinitionService/';

/** The most that the list shows; others are reached by their id in the page's address. */
const LISTED = 500;

export async function listOrganizations() {
  return callForAll('ponix.organization.v1.OrganizationService/ListOrganizations', 'organizations');
}

/** The subjects of an organization: {kind, id, name, organizationId}. */
export async function listSubjects(organizationId) {
  const [devices, definitions] = await Promise.all([
    call(DEVICES + 'ListEndDevices', {organizationId, pageSize: LISTED}),
    call(DEFINITIONS + 'ListEndDeviceDefinitions', {organizationId, pageSize: LISTED}),
  ]);
  return {
    devices: (devices.endDevices ?? []).map(deviceSubject),
    definitions: (definitions.endDeviceDefinitions ?? []).map(definitionSubject),
    complete: !devices.nextPageToken && !definitions.nextPageToken,
  };
}

/** Fetches a subject as it is now. */
export async function getSubject(kind, id, organizationId) {
  return kind === 'device' ?
    deviceSubject((await call(DEVICES + 'GetEndDevice', {deviceId: id})).endDevice) :
    definitionSubject((await call(DEFINITIONS + 'GetEndDeviceDefinition', {id, organizationId})).endDeviceDefinition);
}

/** Saves the contracts of a subject and returns it as it is then. */
export async function saveSubject(subject, contracts) {
  if (subject.kind === 'device') {
    const request = {deviceId: subject.id, payloadConversion: contracts[0].transformExpression};
    return deviceSubject((await call(DEVICES + 'UpdateEndDevice', request)).endDevice);
  }
  const request = {id: subject.id, organizationId: subject.organizationId, contracts};
  return definitionSubject((await call(DEFINITIONS + 'UpdateEndDeviceDefinition', request)).endDeviceDefinition);
}

function deviceSubject(device) {
  return {
    kind: 'device',
    id: device.deviceId,
    name: device.name,
    organizationId: device.organizationId,
    definitionId: device.definitionId ?? '',
    contracts: [contract({transformExpression: device.payloadConversion})],
  };
}

function definitionSubject(definition) {
  return {
    kind: 'definition',
    id: definition.id,
    name: definition.name,
    organizationId: definition.organizationId,
    contracts: (definition.contracts ?? []).map(contract),
    fileDescriptorSet: definition.fileDescriptorSet ?? '',
  };
}

function contract({matchExpression = '', transformExpression = '', jsonSchema = ''}) {
  return {matchExpression, transformExpression, jsonSchema};
}
