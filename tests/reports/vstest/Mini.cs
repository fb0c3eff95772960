// The smallest test framework that VSTest takes: public methods with [Test] of any framework are
// run, after those with [SetUp].
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.VisualStudio.TestPlatform.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Adapter;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Logging;

public class TestAttribute : Attribute { }

[FileExtension(".dll"), DefaultExecutorUri(Where), ExtensionUri(Where)]
public class Mini : ITestDiscoverer, ITestExecutor
{
    const string Where = "executor://mini";

    static IEnumerable<(TestCase, MethodInfo)> Found(string source) =>
        from type in Assembly.LoadFrom(source).GetTypes()
        where !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) != null
        from method in type.GetMethods()
        where Has(method, "TestAttribute") && method.GetParameters().Length == 0
        select (new TestCase($"{type.FullName}.{method.Name}", new Uri(Where), source), method);

    static bool Has(MethodInfo method, string name) =>
        method.GetCustomAttributes().Any(attribute => attribute.GetType().Name == name);

    public void DiscoverTests(IEnumerable<string> sources, IDiscoveryContext context,
        IMessageLogger logger, ITestCaseDiscoverySink sink)
    {
        foreach (var (test, _) in sources.SelectMany(Found)) sink.SendTestCase(test);
    }

    public void RunTests(IEnumerable<TestCase> tests, IRunContext context, IFrameworkHandle told) =>
        RunTests(tests.Select(test => test.Source).Distinct(), context, told);

    public void RunTests(IEnumerable<string> sources, IRunContext context, IFrameworkHandle told)
    {
        foreach (var (test, method) in sources.SelectMany(Found)) told.RecordResult(Run(test, method));
    }

    public void Cancel() { }

    static TestResult Run(TestCase test, MethodInfo method)
    {
        var result = new TestResult(test) { Outcome = TestOutcome.Passed };
        result.Duration = TimeSpan.FromMilliseconds(method.Name.Contains("Long") ? 62012 : 12);
        try
        {
            var fixture = Activator.CreateInstance(method.ReflectedType);
            foreach (var before in method.ReflectedType.GetMethods())
                if (Has(before, "SetUpAttribute")) before.Invoke(fixture, null);
            method.Invoke(fixture, null);
        }
        catch (TargetInvocationException thrown)
        {
            result.Outcome = TestOutcome.Failed;
            result.ErrorMessage = thrown.InnerException.Message;
            result.ErrorStackTrace = thrown.InnerException.StackTrace;
            result.Messages.Add(new TestResultMessage(TestResultMessage.StandardOutCategory, "loud\n"));
        }
        return result;
    }
}
