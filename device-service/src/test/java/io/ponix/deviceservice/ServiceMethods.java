package io.ponix.deviceservice;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** All methods of our own that a server has, as its reflection tells of them, and calls of them. */
final class ServiceMethods {

    private final Channel channel;

    ServiceMethods(Channel channel) {
        this.channel = channel;
    }

    /** The methods of all services of {@code ponix.*}, in the order of the server. */
    List<Descriptors.MethodDescriptor> all() throws Exception {
        List<Descriptors.MethodDescriptor> methods = new ArrayList<>();
        ServerReflectionResponse list =
                ask(ServerReflectionRequest.newBuilder().setListServices("*").build());
        for (ServiceResponse service : list.getListServicesResponse().getServiceList()) {
            if (service.getName().startsWith("ponix.")) {
                methods.addAll(methods(service.getName()));
            }
        }
        return methods;
    }

    DynamicMessage call(Descriptors.MethodDescriptor method, DynamicMessage request) {
        return ClientCalls.blockingUnaryCall(
                channel,
                MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(
                                MethodDescriptor.generateFullMethodName(
                                        method.getService().getFullName(), method.getName()))
                        .setRequestMarshaller(
                                ProtoUtils.marshaller(
                                        DynamicMessage.getDefaultInstance(method.getInputType())))
                        .setResponseMarshaller(
                                ProtoUtils.marshaller(
                                        DynamicMessage.getDefaultInstance(method.getOutputType())))
                        .build(),
                CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
                request);
    }

    private List<Descriptors.MethodDescriptor> methods(String service) throws Exception {
        Map<String, FileDescriptorProto> files = new HashMap<>();
        String definedIn = null;
        for (ByteString file :
                ask(ServerReflectionRequest.newBuilder().setFileContainingSymbol(service).build())
                        .getFileDescriptorResponse()
                        .getFileDescriptorProtoList()) {
            FileDescriptorProto proto = FileDescriptorProto.parseFrom(file);
            files.put(proto.getName(), proto);
            if (proto.getServiceList().stream()
                    .anyMatch(each -> service.equals(proto.getPackage() + "." + each.getName()))) {
                definedIn = proto.getName();
            }
        }
        return file(definedIn, files, new HashMap<>())
                .findServiceByName(service.substring(service.lastIndexOf('.') + 1))
                .getMethods();
    }

    private static FileDescriptor file(
            String name, Map<String, FileDescriptorProto> files, Map<String, FileDescriptor> built)
            throws Descriptors.DescriptorValidationException {
        if (!built.containsKey(name)) {
            List<FileDescriptor> imported = new ArrayList<>();
            for (String dependency : files.get(name).getDependencyList()) {
                imported.add(file(dependency, files, built));
            }
            built.put(
                    name,
                    FileDescriptor.buildFrom(
                            files.get(name), imported.toArray(FileDescriptor[]::new)));
        }
        return built.get(name);
    }

    private ServerReflectionResponse ask(ServerReflectionRequest request) throws Exception {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(channel)
                        .serverReflectionInfo(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ServerReflectionResponse response) {
                                        answer.complete(response);
                                    }

                                    @Override
                                    public void onError(Throwable failure) {
                                        answer.completeExceptionally(failure);
                                    }

                                    @Override
                                    public void onCompleted() {
                                        answer.completeExceptionally(
                                                new AssertionError("No answer"));
                                    }
                                });
        requests.onNext(request);
        requests.onCompleted();
        return answer.get(30, TimeUnit.SECONDS);
    }
}
