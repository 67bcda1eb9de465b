-- +goose Up
-- Under which address and names something of an organization is on its network: a gateway, an edge device, or anything else. Its history is
-- kept as that of devices is.
CREATE TABLE hosts (
    host_id         TEXT        PRIMARY KEY,
    organization_id TEXT        NOT NULL,
    -- Without a mask: one address. Sorts as a number, those of IPv4 first.
    ip_address      INET        NOT NULL,
    -- In lower case, as aliases are: names of hosts are the same in either.
    hostname        TEXT        COLLATE "C" NOT NULL,
    aliases         JSONB       NOT NULL DEFAULT '[]',
    comment         TEXT        NOT NULL DEFAULT '',
    tags            JSONB       NOT NULL DEFAULT '[]',
    gateway_id      TEXT,
    device_id       TEXT,
    revision        BIGINT      NOT NULL DEFAULT 1,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_by      TEXT,
    deleted_at      TIMESTAMPTZ,
    CONSTRAINT hosts_organization FOREIGN KEY (organization_id) REFERENCES organizations (id),
    CONSTRAINT hosts_gateway FOREIGN KEY (gateway_id) REFERENCES gateways (gateway_id),
    CONSTRAINT hosts_device FOREIGN KEY (device_id) REFERENCES end_devices (device_id),
    CONSTRAINT hosts_of_one CHECK (gateway_id IS NULL OR device_id IS NULL),
    CONSTRAINT hosts_address CHECK (ip_address = host(ip_address)::inet),
    CONSTRAINT hosts_name CHECK (length(hostname) <= 253
        AND hostname ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'),
    CONSTRAINT hosts_aliases CHECK (jsonb_typeof(aliases) = 'array'),
    CONSTRAINT hosts_tags CHECK (jsonb_typeof(tags) = 'array')
);

-- Of the hosts of an organization that are not deleted only one has an address and a name.
CREATE UNIQUE INDEX hosts_by_address_and_name ON hosts (organization_id, ip_address, hostname) WHERE deleted_at IS NULL;

CREATE TRIGGER hosts_history BEFORE INSERT OR UPDATE ON hosts
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('host', 'host_id', 'organization_id');
CREATE TRIGGER hosts_history_written AFTER INSERT OR DELETE ON hosts
    FOR EACH ROW EXECUTE FUNCTION record_registry_change('host', 'host_id', 'organization_id');
CREATE TRIGGER hosts_not_emptied BEFORE TRUNCATE ON hosts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();

-- +goose Down
-- Loses every host. Their events stay, and an earlier service shows no changes among which there are such.
DROP TABLE hosts;
