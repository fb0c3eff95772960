// What `dotnet test` starts for a test assembly, where no package of it can be had.
using System;
using Microsoft.VisualStudio.TestPlatform.Common;
using Microsoft.VisualStudio.TestPlatform.Common.Telemetry;
using Microsoft.VisualStudio.TestPlatform.CommunicationUtilities;
using Microsoft.VisualStudio.TestPlatform.CommunicationUtilities.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.CrossPlatEngine;
using Microsoft.VisualStudio.TestPlatform.ObjectModel;

static class Host
{
    static void Main(string[] args)
    {
        var handler = new TestRequestHandler();
        handler.ConnectionInfo = new TestHostConnectionInfo
        {
            Endpoint = args[Array.IndexOf(args, "--endpoint") + 1],
            Role = ConnectionRole.Client,
            Transport = Transport.Sockets,
        };
        handler.InitializeCommunication();
        if (!handler.WaitForRequestSenderConnection(30000))
            throw new TimeoutException("nobody connects");
        var asked = new RequestData { MetricsCollection = new NoOpMetricsCollection() };
        handler.ProcessRequests(new TestHostManagerFactory(asked));
    }
}
