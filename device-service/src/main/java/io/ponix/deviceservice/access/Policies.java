package io.ponix.deviceservice.access;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.ponix.proto.access.v1.Policy;
import io.ponix.proto.access.v1.PolicyProto;
import io.ponix.proto.access.v1.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who may call which method, as the methods' protos say ({@code ponix.access.v1.policy}). */
final class Policies {

    private final Map<String, MethodPolicy> methods = new HashMap<>();

    private Policies() {}

    /**
     * Reads the policies of services.
     *
     * @throws IllegalStateException when a method has none, or one that does not fit its request:
     *     it would be anyone's
     */
    static Policies of(List<ServerServiceDefinition> services) {
        Policies policies = new Policies();
        for (ServerServiceDefinition service : services) {
            policies.add(service.getServiceDescriptor());
        }
        return policies;
    }

    private void add(ServiceDescriptor service) {
        for (MethodDescriptor<?, ?> method : service.getMethods()) {
            methods.put(method.getFullMethodName(), MethodPolicy.of(method));
        }
    }

    MethodPolicy of(MethodDescriptor<?, ?> method) {
        MethodPolicy policy = methods.get(method.getFullMethodName());
        if (policy == null) {
            throw new IllegalStateException("no policy for " + method.getFullMethodName());
        }
        return policy;
    }

    /**
     * The policy of a method.
     *
     * @param organization the fields, each within the one before, that name the organization; empty
     *     where the method looks to it itself
     */
    record MethodPolicy(Set<Role> roles, List<FieldDescriptor> organization) {

        static MethodPolicy of(MethodDescriptor<?, ?> method) {
            if (!(method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)) {
                throw new IllegalStateException(
                        method.getFullMethodName() + " is not declared in a proto");
            }
            var descriptor = schema.getMethodDescriptor();
            Policy policy = descriptor.getOptions().getExtension(PolicyProto.policy);
            if (policy.getRolesCount() == 0) {
                throw new IllegalStateException(
                        method.getFullMethodName()
                                + " has no policy: declare in its proto who may call it, by"
                                + " (ponix.access.v1.policy)");
            }
            return new MethodPolicy(
                    Set.copyOf(policy.getRolesList()),
                    path(descriptor.getInputType(), policy.getOrganizationField()));
        }

        private static List<FieldDescriptor> path(Descriptor request, String text) {
            List<FieldDescriptor> path = new ArrayList<>();
            Descriptor message = request;
            for (String name : text.isEmpty() ? new String[0] : text.split("\\.")) {
                FieldDescriptor field = message == null ? null : message.findFieldByName(name);
                if (field == null) {
                    throw new IllegalStateException(
                            request.getFullName()
                                    + " has no field "
                                    + text
                                    + ", as its policy says");
                }
                path.add(field);
                message =
                        field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                                ? field.getMessageType()
                                : null;
            }
            return List.copyOf(path);
        }

        /** The organization that a request names; empty if it names none. */
        String organizationIn(Message request) {
            Object value = request;
            for (FieldDescriptor field : organization) {
                value = ((Message) value).getField(field);
            }
            return value instanceof String text ? text : "";
        }
    }
}
