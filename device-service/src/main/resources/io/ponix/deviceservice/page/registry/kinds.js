// What is registered: how each kind is listed, shown, created, changed, deleted and brought back.

import {call} from '../api.js';
import {choiceField, contractsField, expressionField, labelsField, textField} from './fields.js';
import {quoted} from './search.js';

/** The roles that may write, as the policies of the methods have them. */
const EDITORS = ['ROLE_OPERATOR', 'ROLE_ADMIN', 'ROLE_EDITOR'];

const UPDATED = {title: 'Changed at', key: 'updatedAt', order: 'updated_at', kind: 'time', isWide: true};
const NAME = {title: 'Name', key: 'name', order: 'name', kind: 'name'};

/** The most definitions, or gateways, that a form offers. */
const OFFERED = 500;

/** What everything has that is registered, besides its name. */
function about(resource) {
  return [textField('description', 'Description', resource?.description), labelsField('labels', 'Labels', resource?.labels)];
}

class Kind {
  /**
   * @param title of many of them
   * @param one what one is called
   * @param id the key of its id in messages, and its field in filters
   * @param type its ResourceType
   * @param service of its methods; noun and plural are in their names
   * @param reference the field of devices that refer to one
   * @param columns of the list: order is the field of order_by, isWide left out on narrow screens
   * @param searched the fields that a search looks into
   * @param fields makes the fields of the form for a resource, or null for a new one
   * @param editor the address of the page on which what it does is tried, or null
   * @param roles who may {create, update, remove} it
   */
  constructor(properties) {
    Object.assign(this, properties);
  }

  idOf(resource) {
    return resource[this.id.key];
  }

  /** A page of the list: {resources, next, total}; total is null where it was not asked for. */
  async list(organizationId, request) {
    const page = await call(`${this.service}List${this.plural}`, {...this.#of(organizationId), ...request});
    return {
      resources: page[this.listed] ?? [],
      next: page.nextPageToken ?? '',
      total: page.totalSize === undefined ? null : Number(page.totalSize),
    };
  }

  /** One, also a deleted one; null where there is none. */
  async find(organizationId, id) {
    const found = await this.list(organizationId, {filter: `${this.id.field} == ${quoted(id)}`, showDeleted: true});
    return found.resources[0] ?? null;
  }

  /** Creates one and returns its id. */
  async create(organizationId, values, {reason, requestId}) {
    const answer = await call(`${this.service}Create${this.noun}`, {...this.#of(organizationId), ...values, reason, requestId});
    return this.idOf(answer[this.answered] ?? {}) ?? answer.organizationId;
  }

  /** Changes the fields that are given. */
  async update(resource, values, {reason, requestId}) {
    await call(`${this.service}Update${this.noun}`, {...this.#ofOne(resource), ...values, updateMask: Object.keys(values).join(','), reason, requestId});
  }

  async remove(resource, {reason, requestId}) {
    await call(`${this.service}Delete${this.noun}`, {...this.#ofOne(resource), reason, requestId});
  }

  async undelete(resource, {reason, requestId}) {
    await call(`${this.service}Undelete${this.noun}`, {...this.#ofOne(resource), reason, requestId});
  }

  #of(organizationId) {
    return this.isOfOrganization ? {organizationId} : {};
  }

  /** Which one, as its page has seen it. */
  #ofOne(resource) {
    const which = this.id.ofRequest ?? this.id.key;
    return {
      [which]: this.idOf(resource),
      ...(this.namesOrganization ? {organizationId: resource.organizationId} : {}),
      ...(resource.etag ? {etag: resource.etag} : {}),
    };
  }
}

export const KINDS = {
  devices: new Kind({
    title: 'Devices',
    one: 'device',
    id: {key: 'deviceId', field: 'device_id'},
    type: 'RESOURCE_TYPE_END_DEVICE',
    service: 'ponix.end_device.v1.EndDeviceService/',
    noun: 'EndDevice',
    plural: 'EndDevices',
    listed: 'endDevices',
    answered: 'endDevice',
    isOfOrganization: true,
    columns: [
      NAME,
      {title: 'External id', key: 'externalId', order: 'external_id', kind: 'code'},
      {title: 'Definition', key: 'definitionId', order: 'definition_id', kind: 'definition', isWide: true},
      {title: 'Device id', key: 'deviceId', order: 'device_id', kind: 'code', isWide: true},
      UPDATED,
    ],
    searched: ['name', 'external_id', 'device_id'],
    deletes: 'Its rows stay; what it sends from now on becomes dead letters. It can be undeleted.',
    fields: async (device, organizationId) => {
      const [definitions, gateways] = await referredTo(organizationId);
      return [
        textField('name', 'Name', device?.name, {required: true}),
        textField('external_id', 'External id', device?.externalId, {hint: 'What those who send call it, such as its DevEUI. Empty: nothing.'}),
        ...(device ? [] : [textField('device_id', 'Device id', '', {hint: 'Letters, digits, - and _. Empty: the service makes one.'})]),
        choiceField('definition_id', 'Definition', device?.definitionId, [['', 'none'], ...definitions],
            {hint: 'Decides where the device has no transform of its own.'}),
        choiceField('gateway_id', 'Gateway', device?.gatewayId, [['', 'none'], ...gateways], {hint: 'By which the device is heard. Nothing is decoded by it.'}),
        expressionField('payload_conversion', 'Transform of its own (CEL)', device?.payloadConversion),
        ...about(device),
      ];
    },
    editor: (device) => `./#${new URLSearchParams({organization: device.organizationId, device: device.deviceId})}`,
    roles: {create: EDITORS, update: EDITORS, remove: EDITORS},
  }),
  definitions: new Kind({
    title: 'Definitions',
    one: 'definition',
    id: {key: 'id', field: 'id'},
    type: 'RESOURCE_TYPE_END_DEVICE_DEFINITION',
    service: 'ponix.end_device.v1.EndDeviceDefinitionService/',
    noun: 'EndDeviceDefinition',
    plural: 'EndDeviceDefinitions',
    listed: 'endDeviceDefinitions',
    answered: 'endDeviceDefinition',
    reference: 'definition_id',
    isOfOrganization: true,
    namesOrganization: true,
    columns: [
      NAME,
      {title: 'Contracts', key: 'contracts', kind: 'count', isWide: true},
      {title: 'Id', key: 'id', order: 'id', kind: 'code'},
      UPDATED,
    ],
    searched: ['name', 'id'],
    deletes: 'It cannot be deleted while a device uses it. It can be undeleted.',
    fields: async (definition) => [
      textField('name', 'Name', definition?.name, {required: true}),
      contractsField('contracts', 'Contracts', definition?.contracts),
      ...about(definition),
    ],
    editor: (definition) => `./#${new URLSearchParams({organization: definition.organizationId, definition: definition.id})}`,
    roles: {create: EDITORS, update: EDITORS, remove: EDITORS},
  }),
  gateways: new Kind({
    title: 'Gateways',
    one: 'gateway',
    id: {key: 'gatewayId', field: 'gateway_id'},
    type: 'RESOURCE_TYPE_GATEWAY',
    service: 'ponix.gateway.v1.GatewayService/',
    noun: 'Gateway',
    plural: 'Gateways',
    listed: 'gateways',
    answered: 'gateway',
    reference: 'gateway_id',
    isOfOrganization: true,
    namesOrganization: true,
    columns: [
      NAME,
      {title: 'Status', key: 'status', order: 'status', kind: 'constant'},
      {title: 'Intake', key: 'intakePreset', order: 'intake_preset', kind: 'code', isWide: true},
      {title: 'Gateway id', key: 'gatewayId', order: 'gateway_id', kind: 'code', isWide: true},
      UPDATED,
    ],
    searched: ['name', 'gateway_id'],
    deletes: 'What comes in through it is taken no more. It can be undeleted.',
    fields: async (gateway) => [textField('name', 'Name', gateway?.name, {required: true}), ...about(gateway)],
    editor: (gateway) => `intake.html#${new URLSearchParams({gateway: gateway.gatewayId})}`,
    roles: {create: EDITORS, update: EDITORS, remove: EDITORS},
  }),
  organizations: new Kind({
    title: 'Organizations',
    one: 'organization',
    id: {key: 'id', field: 'id', ofRequest: 'organizationId'},
    type: 'RESOURCE_TYPE_ORGANIZATION',
    service: 'ponix.organization.v1.OrganizationService/',
    noun: 'Organization',
    plural: 'Organizations',
    listed: 'organizations',
    answered: 'organization',
    columns: [NAME, {title: 'Id', key: 'id', order: 'id', kind: 'code'}, UPDATED],
    searched: ['name', 'id'],
    deletes: 'Nothing can be registered in it any more. It can be undeleted.',
    fields: async (organization) => [
      textField('name', 'Name', organization?.name, {required: true}),
      ...(organization ? [] : [textField('organization_id', 'Organization id', '', {hint: 'Letters, digits, - and _. Empty: the service makes one.'})]),
      ...about(organization),
    ],
    editor: null,
    roles: {create: ['ROLE_OPERATOR'], update: ['ROLE_OPERATOR', 'ROLE_ADMIN'], remove: ['ROLE_OPERATOR']},
  }),
};

/** Those of a kind and an organization that are offered and shown by their names: [id, name]. */
async function named(kind, organizationId) {
  const page = await kind.list(organizationId, {pageSize: OFFERED, orderBy: 'name'});
  return page.resources.map((resource) => [kind.idOf(resource), resource.name || kind.idOf(resource)]);
}

/** The definitions and the gateways of an organization to which devices refer. */
export async function referredTo(organizationId) {
  return organizationId ? Promise.all(Object.values(KINDS).filter((kind) => kind.reference).map((kind) => named(kind, organizationId))) : [];
}
